// expect: crash, error
package main

import (
	"fmt"
	"unsafe"
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
	*(*int)(unsafe.Pointer(uintptr(8))) = 1
	answer()
}
