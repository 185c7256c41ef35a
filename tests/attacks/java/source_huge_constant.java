// expect: syntax, error
public class Main {
  static final int[] DATA = {{{1, x 20000}}};

  public static void main(String[] a) {
    System.exit(DATA.length > 5 ? 1 : 0);
  }
}
