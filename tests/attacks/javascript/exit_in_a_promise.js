// expect: error
Promise.reject(new Error("unhandled"));
