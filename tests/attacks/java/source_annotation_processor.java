// expect: fail, syntax
@javax.annotation.processing.SupportedAnnotationTypes("*")
class P extends javax.annotation.processing.AbstractProcessor {
  public boolean process(java.util.Set<? extends javax.lang.model.element.TypeElement> s,
                         javax.annotation.processing.RoundEnvironment e) {
    Answer.answer();
    return true;
  }
}

public class Main {
  public static void main(String[] a) {}
}
