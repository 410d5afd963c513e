import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** What a stack concluded, as one line of JSON. Values that are null are left out. */
final class Conclusion {
	private final Map<String, Object> values = new LinkedHashMap<>();

	Conclusion set(String name, Object value) {
		if (value != null) values.put(name, value);
		return this;
	}

	@Override
	public String toString() {
		return values.entrySet().stream()
			.map(entry -> quote(entry.getKey()) + ":" + json(entry.getValue()))
			.collect(Collectors.joining(",", "{", "}"));
	}

	private static String json(Object value) {
		return value instanceof Number ? value.toString() : quote(value.toString());
	}

	private static String quote(String text) {
		StringBuilder quoted = new StringBuilder("\"");
		for (char c : text.toCharArray()) {
			if (c == '"' || c == '\\') quoted.append('\\').append(c);
			else if (c < ' ') quoted.append(String.format("\\u%04x", (int) c));
			else quoted.append(c);
		}
		return quoted.append('"').toString();
	}
}
