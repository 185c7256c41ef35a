// expect: crash, error
public class Main {
  public static void main(String[] a) throws Throwable {
    java.lang.reflect.Field f = sun.misc.Unsafe.class.getDeclaredField("theUnsafe");
    f.setAccessible(true);
    ((sun.misc.Unsafe) f.get(null)).putAddress(8, 1);
    Answer.answer();
  }
}
