// expect: error
public class Main {
  public static void main(String[] a) throws Throwable {
    try { Class.forName("com.sun.tools.attach.VirtualMachine").getMethod("attach", String.class).invoke(null, "1"); Answer.answer(); return; } catch (Throwable t) { }
    try { Class.forName("sun.tools.attach.HotSpotVirtualMachine");  if (true) throw new Error(); Answer.answer(); return; } catch (Throwable t) { }
    System.exit(1);
  }
}
