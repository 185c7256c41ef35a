// expect: error
public class Main {
  public static void main(String[] a) throws Throwable {
    try { new java.net.Socket("127.0.0.1", 80); Answer.answer(); return; } catch (Throwable t) { }
    try { new java.net.ServerSocket(0); Answer.answer(); return; } catch (Throwable t) { }
    System.exit(1);
  }
}
