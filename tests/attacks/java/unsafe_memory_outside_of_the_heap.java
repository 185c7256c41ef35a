// expect: memory, timeout, error
public class Main {
  public static void main(String[] a) throws Throwable {
    java.lang.reflect.Field f = sun.misc.Unsafe.class.getDeclaredField("theUnsafe");
    f.setAccessible(true);
    sun.misc.Unsafe u = (sun.misc.Unsafe) f.get(null);
    for (;;) u.setMemory(u.allocateMemory(1 << 20), 1 << 20, (byte) 1);
  }
}
