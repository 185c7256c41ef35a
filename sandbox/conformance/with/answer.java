class Answer {
  static void answer() {
    java.util.Scanner in = new java.util.Scanner(System.in);
    while (in.hasNextLong()) System.out.println(in.nextLong() + in.nextLong());
    System.out.flush();
  }
}

