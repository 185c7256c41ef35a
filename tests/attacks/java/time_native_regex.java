// expect: timeout, error
public class Main {
  public static void main(String[] a) throws Throwable {
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab".matches("(a|aa|a?)+c(a+)+");
    for (;;) "aaaaaaaaaaaaaaaaaaaaaaaaaaaab".matches("(a+)+$c");
  }
}
