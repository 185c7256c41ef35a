// expect: timeout
public class Main {
  public static void main(String[] a) throws Throwable {
    Thread.sleep(1000000);
  }
}
