// expect: error
public class Main {
  public static void main(String[] a) throws Throwable {
    try { try (var out = new java.io.FileOutputStream("/tmp/big")) { for (int i = 0; i < 200; ++i) out.write(new byte[1 << 20]); } Answer.answer(); return; } catch (Throwable t) { }
    System.exit(1);
  }
}
