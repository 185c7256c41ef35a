// expect: fail, error
public class Main {
  public static void main(String[] a) throws Throwable {
    java.lang.reflect.Constructor<java.io.FileDescriptor> c = java.io.FileDescriptor.class.getDeclaredConstructor(int.class);
    c.setAccessible(true);
    for (int fd = 3; fd < 100; ++fd) new java.io.FileOutputStream(c.newInstance(fd)).write(1);
  }
}
