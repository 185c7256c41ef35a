// expect: error, fail
public class Main {
  public static void main(String[] a) throws Throwable {
    ProcessHandle.current().destroyForcibly();
  }
}
