/* Asks PDFBox and Bouncy Castle about every signature of a file: CMS, chain to the root, coverage of the file.
 * Usage: PdfboxJudge ROOT.pem [COUNT FILE]... ; prints a line a signature and "FILE: valid" when all of them hold, there are
 * COUNT, and the last one ends the file; else "FILE: invalid" and why. */
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

@SuppressWarnings("unchecked") // Bouncy Castle 1.72 as packaged has raw stores
public class PdfboxJudge {
    static String attributes(SignerInformation signer) {
        if (signer.getSignedAttributes().get(CMSAttributes.signingTime) != null)
            return "signing-time present";
        return signer.getSignedAttributes().get(PKCSObjectIdentifiers.id_aa_signingCertificateV2) == null
            ? "no signing-certificate-v2" : "ok";
    }

    static void chain(X509Certificate leaf, CMSSignedData cms, X509Certificate root) throws Exception {
        List<X509Certificate> known = new ArrayList<>();
        X509CertSelector target = new X509CertSelector();

        for (Object h : cms.getCertificates().getMatches(null))
            known.add(new JcaX509CertificateConverter().getCertificate((X509CertificateHolder)h));
        target.setCertificate(leaf);
        PKIXBuilderParameters p = new PKIXBuilderParameters(Set.of(new TrustAnchor(root, null)), target);
        p.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(known)));
        p.setRevocationEnabled(false);
        CertPathBuilder.getInstance("PKIX").build(p);
    }

    static boolean judge(PDSignature s, byte[] file, X509Certificate root) throws Exception {
        CMSSignedData cms = new CMSSignedData(new CMSProcessableByteArray(s.getSignedContent(file)),
            new ByteArrayInputStream(s.getContents(file)));
        SignerInformation signer = cms.getSignerInfos().getSigners().iterator().next();
        X509CertificateHolder holder = (X509CertificateHolder)cms.getCertificates().getMatches(signer.getSID()).iterator().next();
        boolean holds = signer.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(holder));
        String attributes = attributes(signer);

        chain(new JcaX509CertificateConverter().getCertificate(holder), cms, root);
        System.out.println("  " + holder.getSubject() + ": cms=" + holds + " chain=true attributes=" + attributes
            + " subfilter=" + s.getSubFilter());
        return holds && attributes.equals("ok") && s.getSubFilter().equals("ETSI.CAdES.detached");
    }

    static boolean judge(String path, X509Certificate root, int count) {
        try {
            byte[] file = Files.readAllBytes(Path.of(path));
            boolean holds = true;

            try (PDDocument doc = PDDocument.load(file)) {
                List<PDSignature> all = new ArrayList<>(doc.getSignatureDictionaries());

                all.sort(Comparator.comparingInt(s -> s.getByteRange()[2] + s.getByteRange()[3]));
                for (PDSignature s : all)
                    holds &= judge(s, file, root);
                int[] r = all.isEmpty() ? new int[4] : all.get(all.size() - 1).getByteRange();
                boolean ends = r[0] == 0 && r[2] + r[3] == file.length;
                boolean valid = holds && ends && all.size() == count;
                System.out.println(path + (valid ? ": valid" : ": invalid") + ", signatures=" + all.size()
                    + " last-ends-file=" + ends);
                return valid;
            }
        } catch (Exception e) {
            System.out.println(path + ": invalid, " + e);
            return false;
        }
    }

    public static void main(String[] args) throws Exception {
        boolean all = args.length > 2;

        Security.addProvider(new BouncyCastleProvider());
        try (InputStream in = new FileInputStream(args[0])) {
            X509Certificate root = (X509Certificate)CertificateFactory.getInstance("X.509").generateCertificate(in);
            for (int i = 1; i + 1 < args.length; i += 2)
                all &= judge(args[i + 1], root, Integer.parseInt(args[i]));
        }
        System.exit(all ? 0 : 1);
    }
}
