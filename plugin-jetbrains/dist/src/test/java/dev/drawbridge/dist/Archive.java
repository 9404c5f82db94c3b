package dev.drawbridge.dist;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** The built archive, and copies of it with something changed. */
final class Archive {
    static final Path ZIP = Path.of(System.getProperty("plugin.zip"));
    static final String MAIN = "drawbridge/lib/drawbridge.jar";

    private Archive() {}

    /** Files by name, folders left out; `bin` too, which is large and no concern of most tests. */
    static Map<String, byte[]> read(InputStream from) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        try (ZipInputStream zip = new ZipInputStream(from)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (!entry.isDirectory() && !entry.getName().startsWith("drawbridge/bin/")) files.put(entry.getName(), zip.readAllBytes());
            }
        }
        return files;
    }

    static Map<String, byte[]> plugin() throws IOException {
        try (InputStream zip = Files.newInputStream(ZIP)) {
            return read(zip);
        }
    }

    /** What is in the jar with the descriptor. */
    static Map<String, byte[]> main() throws IOException {
        return read(new ByteArrayInputStream(plugin().get(MAIN)));
    }

    static byte[] zip(Map<String, byte[]> files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue());
            }
        }
        return bytes.toByteArray();
    }
}
