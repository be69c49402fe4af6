/* Asks veraPDF whether each file is PDF/A-2b. Prints one line a file and every failed rule; exit 0: all are. */
import java.io.FileInputStream;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

public class Verapdf {
    static boolean compliant(String path) throws Exception {
        PDFAFlavour flavour = PDFAFlavour.PDFA_2_B;
        try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(path), flavour);
             PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
            ValidationResult result = validator.validate(parser);
            Map<String, String> failed = new TreeMap<>();

            for (TestAssertion a : result.getTestAssertions())
                if (a.getStatus() == TestAssertion.Status.FAILED)
                    failed.putIfAbsent("clause " + a.getRuleId().getClause() + " test " + a.getRuleId().getTestNumber(),
                        a.getMessage() + " at " + (a.getLocation() == null ? "" : a.getLocation().getContext()));
            System.out.println(path + ": " + (result.isCompliant() ? "PDF/A-2b" : "NOT PDF/A-2b") + ", "
                + result.getTotalAssertions() + " checks");
            failed.forEach((rule, why) -> System.out.println("  " + rule + ": " + why));
            return result.isCompliant() && result.getTotalAssertions() > 0;
        }
    }

    public static void main(String[] paths) {
        boolean all = paths.length > 0;

        Logger.getLogger("").setLevel(Level.SEVERE);
        VeraGreenfieldFoundryProvider.initialise();
        for (String path : paths) {
            try {
                all &= compliant(path);
            } catch (Exception e) {
                System.out.println(path + ": NOT PDF/A-2b, cannot be read: " + e);
                all = false;
            }
        }
        System.exit(all ? 0 : 1);
    }
}
