package dev.slipway.client.ssh;

import java.math.BigInteger;
import java.security.spec.ECFieldFp;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;

/// The public point of a private key, which files need not tell (SEC 1, 3.2.1). It takes a time
/// that depends on the key, so it is for files of this machine, not for what others ask.
final class CurvePoint {
  private final BigInteger field;
  private final BigInteger a;

  private CurvePoint(ECParameterSpec curve) {
    this.field = ((ECFieldFp) curve.getCurve().getField()).getP();
    this.a = curve.getCurve().getA();
  }

  static ECPoint of(BigInteger key, ECParameterSpec curve) {
    CurvePoint arithmetic = new CurvePoint(curve);
    ECPoint sum = ECPoint.POINT_INFINITY;
    for (int bit = key.bitLength() - 1; bit >= 0; bit--) {
      sum = arithmetic.add(sum, sum);
      if (key.testBit(bit)) {
        sum = arithmetic.add(sum, curve.getGenerator());
      }
    }
    return sum;
  }

  private ECPoint add(ECPoint one, ECPoint other) {
    if (one.equals(ECPoint.POINT_INFINITY)) {
      return other;
    }
    if (other.equals(ECPoint.POINT_INFINITY)) {
      return one;
    }
    boolean isSame = one.equals(other);
    BigInteger run =
        isSame ? one.getAffineY().shiftLeft(1) : other.getAffineX().subtract(one.getAffineX());
    if (run.mod(field).signum() == 0) {
      return ECPoint.POINT_INFINITY;
    }
    BigInteger rise =
        isSame
            ? one.getAffineX().pow(2).multiply(BigInteger.valueOf(3)).add(a)
            : other.getAffineY().subtract(one.getAffineY());
    BigInteger slope = rise.multiply(run.modInverse(field)).mod(field);
    BigInteger x = slope.pow(2).subtract(one.getAffineX()).subtract(other.getAffineX()).mod(field);
    BigInteger y =
        slope.multiply(one.getAffineX().subtract(x)).subtract(one.getAffineY()).mod(field);
    return new ECPoint(x, y);
  }
}
