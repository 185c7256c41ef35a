// expect: memory, timeout, error
public class Main {
  public static void main(String[] a) throws Throwable {
    for (long i = 0;; ++i) {
      java.lang.reflect.Proxy.newProxyInstance(new ClassLoader() {}, new Class<?>[] {Runnable.class}, (p, m, x) -> null);
    }
  }
}
