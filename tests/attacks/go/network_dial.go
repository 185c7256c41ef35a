// expect: error
package main

import (
	"fmt"
	"net"
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
	for _, kind := range []string{"tcp", "udp"} {
		if _, e := net.Dial(kind, "127.0.0.1:80"); e == nil {
			answer()
			return
		}
	}
	if _, e := net.Listen("unix", "@x"); e == nil {
		answer()
		return
	}
	os.Exit(1)
}
