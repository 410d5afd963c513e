import java.util.StringJoiner;

/** The conclusions of a stack, as one line. Values that are null are left out. */
final class Conclusion {
	private final StringJoiner pairs = new StringJoiner("\t");

	Conclusion set(String name, Object value) {
		if (value != null) pairs.add(name + "=" + value.toString().replaceAll("\\s", " "));
		return this;
	}

	@Override
	public String toString() {
		return pairs.toString();
	}
}
