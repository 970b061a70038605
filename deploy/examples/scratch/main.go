// Trust reads the authorities that TLS connections of this image trust, as a client of TLS would.
package main

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"runtime"
	"strconv"
)

// Where a client of TLS looks for them.
const bundle = "/etc/ssl/certs/ca-certificates.crt"

func main() {
	certificates, err := os.ReadFile(bundle)
	if err != nil {
		fail(err)
	}
	count := 0
	for block, rest := pem.Decode(certificates); block != nil; block, rest = pem.Decode(rest) {
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			fail(err)
		}
		count++
	}
	os.Stdout.WriteString("On " + runtime.GOOS + "/" + runtime.GOARCH + " as user " + strconv.Itoa(os.Getuid()) +
		" I trust " + strconv.Itoa(count) + " authorities.\n")
}

func fail(err error) {
	os.Stderr.WriteString(err.Error() + "\n")
	os.Exit(1)
}
