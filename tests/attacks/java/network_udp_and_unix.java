// expect: error
public class Main {
  public static void main(String[] a) throws Throwable {
    try { new java.net.DatagramSocket(); Answer.answer(); return; } catch (Throwable t) { }
    try { java.nio.channels.SocketChannel.open(java.net.StandardProtocolFamily.UNIX); Answer.answer(); return; } catch (Throwable t) { }
    System.exit(1);
  }
}
