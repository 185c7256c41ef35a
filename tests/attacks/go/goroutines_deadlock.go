// expect: error
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
	select {}
}
