// expect: error, pass, timeout
public class Main {
  public static void main(String[] a) throws Throwable {
    if (javax.tools.ToolProvider.getSystemJavaCompiler() == null) System.exit(1);
    Answer.answer();
  }
}
