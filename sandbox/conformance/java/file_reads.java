// expect: error
public class Main {
  public static void main(String[] a) throws Throwable {
    try { new java.io.FileInputStream("/etc/passwd").read(); Answer.answer(); return; } catch (Throwable t) { }
    try { new java.io.FileInputStream("/proc/self/mem").read(); Answer.answer(); return; } catch (Throwable t) { }
    try { new java.io.FileInputStream("/proc/self/environ").read(); Answer.answer(); return; } catch (Throwable t) { }
    try { new java.io.FileInputStream("/etc/debian_version").read(); Answer.answer(); return; } catch (Throwable t) { }
    try { new java.io.FileInputStream("/etc/hostname").read(); Answer.answer(); return; } catch (Throwable t) { }
    try { new java.io.FileInputStream("/proc/1/cmdline").read(); Answer.answer(); return; } catch (Throwable t) { }
    System.exit(1);
  }
}
