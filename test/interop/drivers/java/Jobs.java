import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The jobs on the standard input, as ../README.md says. */
final class Jobs {
	interface Sender {
		Conclusion send(String url, String user, String password, String way) throws Exception;
	}

	static void run(Sender sender) throws Exception {
		BufferedReader jobs = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		PrintStream conclusions = new PrintStream(System.out, true, "UTF-8");
		for (String job; (job = jobs.readLine()) != null;) {
			String[] words = job.split("\t", -1);
			conclusions.println(sender.send(words[0], words[1], words[2], words[3]));
		}
	}

	static String field(String name) {
		return System.getenv(name);
	}
}
