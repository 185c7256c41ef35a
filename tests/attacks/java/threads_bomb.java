// expect: error, memory, crash, timeout
public class Main {
  public static void main(String[] a) throws Throwable {
    for (int i = 0; i < 5000; ++i) new Thread(() -> { for (;;) try { Thread.sleep(100000); } catch (Exception e) { } }).start();
    for (;;) {}
  }
}
