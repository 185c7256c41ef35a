// expect: timeout
public class Main {
  public static void main(String[] a) throws Throwable {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> { for (;;) {} }));
  }
}
