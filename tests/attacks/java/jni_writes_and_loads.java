// expect: error
public class Main {
  public static void main(String[] a) throws Throwable {
    try { java.nio.file.Files.write(java.nio.file.Path.of("/tmp/x.so"), new byte[] {127, 69, 76, 70}); System.load("/tmp/x.so"); Answer.answer(); return; } catch (Throwable t) { }
    System.exit(1);
  }
}
