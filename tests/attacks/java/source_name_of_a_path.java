// expect: syntax
public class ../../etc/passwd {
  public static void main(String[] a) {}
}
