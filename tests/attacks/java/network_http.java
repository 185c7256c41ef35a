// expect: error, timeout
public class Main {
  public static void main(String[] a) throws Throwable {
    try { new java.net.URL("http://127.0.0.1/").openStream(); Answer.answer(); return; } catch (Throwable t) { }
    try { java.net.http.HttpClient.newHttpClient().send(java.net.http.HttpRequest.newBuilder(java.net.URI.create("http://127.0.0.1/")).build(), java.net.http.HttpResponse.BodyHandlers.ofString()); Answer.answer(); return; } catch (Throwable t) { }
    System.exit(1);
  }
}
