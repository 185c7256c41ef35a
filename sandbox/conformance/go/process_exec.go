// expect: error
package main

import (
	"fmt"
	"os"
	"os/exec"
)

func answer() {
	for a, b := 0, 0; ; {
		if n, _ := fmt.Scan(&a, &b); n != 2 {
			return
		}
		fmt.Println(a + b)
	}
}

func main() {
	for _, name := range []string{"/bin/sh", "/assay.so", "/proc/self/exe", "true"} {
		if exec.Command(name).Run() == nil {
			answer()
			return
		}
	}
	os.Exit(1)
}
