// expect: error, crash, memory, timeout
package main

import (
	"fmt"
	"runtime"
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
	for i := 0; i < 5000; i++ {
		go func() {
			runtime.LockOSThread()
			select {}
		}()
	}
	for {
		runtime.Gosched()
	}
}
