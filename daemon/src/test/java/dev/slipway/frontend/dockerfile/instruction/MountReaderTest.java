package dev.slipway.frontend.dockerfile.instruction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.frontend.dockerfile.instruction.MountSpec.Kind;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MountReaderTest {

  private static MountSpec read(String value) {
    return MountReader.read(value, UnaryOperator.identity());
  }

  @Test
  void bindsReadOnlyUnlessToldOtherwise() {
    assertThat(read("target=/a")).matches(mount -> mount.kind() == Kind.BIND && mount.readOnly());
    assertThat(read("target=/a,rw").readOnly()).isFalse();
    assertThat(read("type=cache,dst=/a").readOnly()).isFalse();
    assertThat(read("type=cache,dst=/a,ro=true").readOnly()).isTrue();
  }

  @Test
  void readsEveryKey() {
    MountSpec mount =
        read("TYPE=cache,id=i,from=f,src=/s,destination=/d,sharing=Locked,mode=0750,uid=1,gid=2");

    assertThat(mount)
        .isEqualTo(
            new MountSpec(
                Kind.CACHE,
                "f",
                "/s",
                "/d",
                false,
                0,
                "i",
                Optional.of(MountSpec.Sharing.LOCKED),
                false,
                Optional.empty(),
                Optional.of(0750),
                Optional.of(1L),
                Optional.of(2L)));
  }

  @Test
  void substitutesValuesOnly() {
    assertThat(MountReader.read("type=bind,target=$X", _ -> "bind").target()).isEqualTo("bind");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "1024; 1024",
        "10m; 10485760",
        "1.5k; 1536",
        "2 GiB; 2147483648",
        "3b; 3",
        "1TB; 1099511627776"
      })
  void readsSizesAsPeopleWriteThem(String size, long bytes) {
    assertThat(read("type=tmpfs,size=" + size).size()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "type=cach,target=/a; unsupported mount type \"cach\" (did you mean cache?)",
        "type=bind,traget=/a; unexpected key 'traget' in 'traget=/a' (did you mean target?)",
        "type=bind,target; invalid field 'target' must be a key=value pair",
        "type=bind,required; unexpected key 'required' for mount type 'bind'",
        "type=bind,size=1; unexpected key 'size' for mount type 'bind'",
        "type=tmpfs,size=1x; invalid value for size: 1x",
        "type=bind,mode=1; mode not allowed for \"bind\" type mounts",
        "type=tmpfs,uid=1; uid not allowed for \"tmpfs\" type mounts",
        "type=cache,mode=9; invalid value 9 for mode",
        "type=cache,uid=-1; invalid value -1 for uid",
        "type=cache,ro=maybe; invalid value for ro: maybe",
        "type=cache,sharing=x; unsupported sharing value \"x\"",
        "type=bind,sharing=shared; invalid cache sharing set for bind mount",
        "type=secret; `invalid secret mount. one of source, target required`",
        "type=secret,id=a,src=b; both source and id can't be set",
        "type=secret,id=a,from=b; secret mount should not have a from",
        "type=secret,id=a,sharing=locked; secret mount should not define sharing",
      })
  void saysWhatIsWrong(String value, String problem) {
    assertThatThrownBy(() -> read(value)).hasMessage(problem);
  }
}
