package main

import (
	"os"
	"runtime"
)

func main() {
	os.Stdout.WriteString("Hello from Go on " + runtime.GOOS + "/" + runtime.GOARCH + ".\n")
}
