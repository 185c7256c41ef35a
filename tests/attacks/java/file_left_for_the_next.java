// expect: pass
public class Main {
  public static void main(String[] a) throws Throwable {
    if (new java.io.File("/tmp/left").exists() || new java.io.File("/tmp").list().length != 1) System.exit(1);
    new java.io.FileOutputStream("/tmp/left").write(1);
    Answer.answer();
  }
}
