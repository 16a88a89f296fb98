import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Checks that the numbers of a demo document add up. */
final class CheckDemo {
    private static final List<String> SPLITS = List.of("train", "train-dev", "test-dev", "test");
    private static final List<String> TERMS =
            List.of("irreducible", "bias", "variance", "shift", "validationOverfitting");

    public static void main(String[] args) throws Exception {
        JsonNode document = new ObjectMapper().readTree(Path.of(args[0]).toFile());
        List<String> problems = new ArrayList<>();
        JsonNode counts = document.path("counts");
        long admitted = SPLITS.stream().mapToLong(split -> counts.path(split).asLong()).sum();
        long raw = counts.path("raw").asLong();
        long rejected = counts.path("rejected").asLong();
        long rows = document.path("snapshot").path("rows").asLong();
        require(problems, raw > 0, "raw is " + raw);
        require(problems, raw == rejected + admitted, raw + " raw, but " + rejected + " rejected + " + admitted);
        require(problems, rows == admitted, rows + " rows, but " + admitted + " admitted");
        long violations = 0;
        for (JsonNode count : document.path("rejectedByViolation")) {
            violations += count.asLong();
        }
        require(problems, violations >= rejected, violations + " violations for " + rejected + " rejected");
        require(problems, document.path("rounds").size() >= 1, "no round");
        for (JsonNode round : document.path("rounds")) {
            JsonNode decomposition = round.path("decomposition");
            double sum = TERMS.stream().mapToDouble(term -> decomposition.path(term).asDouble(Double.NaN)).sum();
            double test = decomposition.path("testError").asDouble(Double.NaN);
            require(problems, Math.abs(sum - test) <= 1e-12, "terms sum to " + sum + ", test error is " + test);
        }
        if (!problems.isEmpty()) {
            System.err.println(args[0] + " does not add up: " + String.join("; ", problems));
            System.exit(1);
        }
        System.out.println(raw + " raw = " + rejected + " rejected + " + admitted + " admitted = "
                + rows + " rows + rejected; terms of " + document.path("rounds").size() + " rounds sum to the test error");
    }

    private static void require(List<String> problems, boolean holds, String otherwise) {
        if (!holds) {
            problems.add(otherwise);
        }
    }
}
