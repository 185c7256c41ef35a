// expect: error
package main

import (
	"fmt"
	"os"
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
	for _, name := range []string{"/x", "/tmp/x", "x", "/dev/shm/x", "/assay.so"} {
		if os.WriteFile(name, []byte("x"), 0600) == nil || os.Mkdir(name, 0700) == nil || os.Symlink("/", name) == nil {
			answer()
			return
		}
	}
	os.Exit(1)
}
