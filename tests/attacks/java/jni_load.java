// expect: error
public class Main {
  public static void main(String[] a) throws Throwable {
    try { System.load("/assay.so"); Answer.answer(); return; } catch (Throwable t) { }
    try { System.load("/tmp/x.so"); Answer.answer(); return; } catch (Throwable t) { }
    try { System.loadLibrary("jdwp"); if (true) throw new Error(); Answer.answer(); return; } catch (Throwable t) { }
    System.exit(1);
  }
}
