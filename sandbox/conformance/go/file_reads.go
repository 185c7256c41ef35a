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
	for _, name := range []string{"/etc/passwd", "/proc/self/mem", "/proc/self/environ", "/root", "/home", "/etc", "/usr/share/go-1.19"} {
		if _, e := os.Open(name); e == nil {
			answer()
			return
		}
	}
	os.Exit(1)
}
