// expect: pass, error, crash
public class Main {
  public static void main(String[] a) throws Throwable {
    try (var out = new java.io.FileOutputStream("/tmp/solution.jar")) { out.write(1); }
    Answer.answer();
  }
}
