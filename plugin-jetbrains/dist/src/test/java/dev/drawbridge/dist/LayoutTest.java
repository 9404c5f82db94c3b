package dev.drawbridge.dist;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What is in the archive, and that its descriptor names what is there. */
class LayoutTest {
    private static final String PROGRAM = "drawbridge/bin/" + System.getProperty("plugin.platform") + "/drawbridge";

    /** Attributes that name a class, and what it must be for the element that has them. */
    private static final Map<String, String> KINDS = Map.of(
        "toolWindow", "com/intellij/openapi/wm/ToolWindowFactory",
        "editorNotificationProvider", "com/intellij/ui/EditorNotificationProvider",
        "statusBarWidgetFactory", "com/intellij/openapi/wm/StatusBarWidgetFactory",
        "applicationConfigurable", "com/intellij/openapi/options/Configurable",
        "externalAnnotator", "com/intellij/lang/annotation/ExternalAnnotator",
        "projectService", "com/intellij/openapi/Disposable",
        "action", "com/intellij/openapi/actionSystem/AnAction");

    private static Document xml(byte[] bytes) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(bytes));
    }

    private static List<Element> elements(Document document, String name) {
        NodeList found = document.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int index = 0; index < found.getLength(); index++) elements.add((Element) found.item(index));
        return elements;
    }

    @Test
    void oneFolderWithWhatBelongsThereAndNothingElse() throws Exception {
        Set<String> names = new LinkedHashSet<>();
        try (FileSystem zip = FileSystems.newFileSystem(Archive.ZIP, Map.of("enablePosixFileAttributes", "true"));
             Stream<Path> files = Files.walk(zip.getPath("/"))) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String name = file.toString().substring(1);
                names.add(name);
                String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
                assertEquals(name.startsWith("drawbridge/bin/") ? "rwxr-xr-x" : "rw-r--r--", mode, name);
            }
        }
        Set<String> wanted = new HashSet<>(Set.of(
            "drawbridge/LICENSE", "drawbridge/lib/drawbridge.jar", "drawbridge/lib/drawbridge-core.jar", "drawbridge/lib/gson-2.11.0.jar", PROGRAM));
        wanted.addAll(furtherPrograms());
        assertEquals(wanted, names);
    }

    /** Those of the platforms that a release adds; none otherwise. */
    private static List<String> furtherPrograms() throws Exception {
        Path folder = Path.of(System.getProperty("plugin.platforms"));
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                .map(file -> "drawbridge/bin/" + folder.relativize(file).toString().replace('\\', '/'))
                .toList();
        }
    }

    @Test
    void theProgramInsideIsOneThatRuns() throws Exception {
        Path program = Files.createTempFile("drawbridge", "");
        try {
            try (FileSystem zip = FileSystems.newFileSystem(Archive.ZIP)) {
                Files.write(program, Files.readAllBytes(zip.getPath("/" + PROGRAM)));
            }
            assertTrue(program.toFile().setExecutable(true));
            Process process = new ProcessBuilder(program.toString(), "--version").redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertEquals(0, process.waitFor(), said);
            assertTrue(said.contains(System.getProperty("plugin.version")), said);
        } finally {
            Files.delete(program);
        }
    }

    @Test
    void noClassOfTheIdeNorOfKotlinIsCarried() throws Exception {
        for (Map.Entry<String, byte[]> jar : Archive.plugin().entrySet()) {
            if (!jar.getKey().endsWith(".jar")) continue;
            for (String name : Archive.read(new ByteArrayInputStream(jar.getValue())).keySet()) {
                boolean ours = name.startsWith("dev/drawbridge/") || name.startsWith("META-INF/") || name.startsWith("icons/")
                    || name.startsWith("messages/") || name.startsWith("com/google/gson/");
                assertTrue(ours && !name.startsWith("dev/drawbridge/stubs/"), jar.getKey() + ": " + name);
            }
        }
    }

    @Test
    void theSameComesOutTwice() throws Exception {
        assertEquals(-1, Files.mismatch(Archive.ZIP, Path.of(System.getProperty("plugin.again"))), "first byte that differs");
    }

    @Test
    void everyNamedClassIsThereAndIsWhatItMustBe() throws Exception {
        Map<String, byte[]> jar = Archive.main();
        Map<String, ClassReader> classes = new HashMap<>();
        for (Map.Entry<String, byte[]> file : jar.entrySet()) {
            if (file.getKey().endsWith(".class")) classes.put(file.getKey().replace(".class", ""), new ClassReader(file.getValue()));
        }
        Path stubs = Path.of(System.getProperty("plugin.stubs"));
        try (Stream<Path> files = Files.walk(stubs)) {
            for (Path file : files.filter(one -> one.toString().endsWith(".class")).toList()) {
                classes.put(stubs.relativize(file).toString().replace(".class", ""), new ClassReader(Files.readAllBytes(file)));
            }
        }
        int named = 0;
        for (String descriptor : List.of("META-INF/plugin.xml", "META-INF/drawbridge-json.xml", "META-INF/drawbridge-yaml.xml")) {
            Document document = xml(jar.get(descriptor));
            for (Map.Entry<String, String> kind : KINDS.entrySet()) {
                for (Element element : elements(document, kind.getKey())) {
                    String type = Stream.of("factoryClass", "implementation", "implementationClass", "serviceImplementation", "instance", "class")
                        .map(element::getAttribute).filter(one -> !one.isEmpty()).findFirst().orElseThrow().replace('.', '/');
                    assertNotNull(classes.get(type), type);
                    assertTrue(supers(type, classes).contains(kind.getValue()), type + " is no " + kind.getValue());
                    named++;
                }
            }
        }
        assertEquals(13, named, "classes that the descriptors name");
    }

    private static Set<String> supers(String type, Map<String, ClassReader> classes) {
        Set<String> all = new LinkedHashSet<>(Set.of(type));
        ClassReader read = classes.get(type);
        if (read == null) return all;
        if (read.getSuperName() != null) all.addAll(supers(read.getSuperName(), classes));
        for (String one : read.getInterfaces()) all.addAll(supers(one, classes));
        return all;
    }

    @Test
    void everyNamedTextAndIconIsThere() throws Exception {
        Map<String, byte[]> main = Archive.main();
        Document document = xml(main.get("META-INF/plugin.xml"));
        Properties texts = new Properties();
        try (InputStream core = new ByteArrayInputStream(Archive.plugin().get("drawbridge/lib/drawbridge-core.jar"))) {
            texts.load(new StringReader(new String(Archive.read(core).get("messages/DrawbridgeBundle.properties"), UTF_8)));
        }
        List<String> keys = new ArrayList<>(List.of("toolwindow.stripe.Drawbridge", "group.drawbridge.text"));
        for (Element action : elements(document, "action")) {
            keys.add("action." + action.getAttribute("id") + ".text");
            keys.add("action." + action.getAttribute("id") + ".description");
        }
        for (String element : List.of("notificationGroup", "applicationConfigurable")) {
            for (Element one : elements(document, element)) keys.add(one.getAttribute("key"));
        }
        for (String key : keys) assertTrue(texts.containsKey(key), key);
        String icon = elements(document, "toolWindow").get(0).getAttribute("icon").substring(1);
        for (String file : List.of(icon, icon.replace(".svg", "_dark.svg"), "META-INF/pluginIcon.svg", "META-INF/pluginIcon_dark.svg")) {
            assertTrue(main.containsKey(file), file);
        }
    }
}
