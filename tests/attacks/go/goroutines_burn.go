// expect: timeout
package main

import (
	"fmt"
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
	for i := 0; i < 100; i++ {
		go func() {
			for {
			}
		}()
	}
	select {}
}
