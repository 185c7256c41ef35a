// expect: fail
public class Main {
  public static void main(String[] a) throws Throwable {
    Thread t = new Thread(() -> { try { Thread.sleep(30); } catch (Exception e) { } Answer.answer(); });
    t.setDaemon(true);
    t.start();
  }
}
