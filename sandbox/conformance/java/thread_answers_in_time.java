// expect: pass
public class Main {
  public static void main(String[] a) throws Throwable {
    new Thread(() -> { try { Thread.sleep(30); } catch (Exception e) { } Answer.answer(); }).start();
  }
}
