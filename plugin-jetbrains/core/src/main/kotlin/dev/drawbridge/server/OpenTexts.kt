package dev.drawbridge.server

/** Texts that an editor holds, as the server knows them. */
public class OpenTexts(private val server: Server) {
    private class Kept(val version: Int, val text: String)

    private val kept = HashMap<String, Kept>()

    /** Tells the server of a text and returns the version it has there. */
    @Synchronized
    public fun sync(uri: String, text: String): Int {
        val before = kept[uri]
        if (before?.text == text) return before.version
        val version = (before?.version ?: 0) + 1
        kept[uri] = Kept(version, text)
        server.setDocument(uri, version, text)
        return version
    }

    /** Whether edits for a [version] may be made to a [text]. */
    @Synchronized
    public fun fits(uri: String, version: Int?, text: String): Boolean = kept[uri].let { it != null && it.version == version && it.text == text }

    /** The file on the disk counts again. */
    @Synchronized
    public fun close(uri: String) {
        // Versions go on counting, since answers about the old text may still come.
        val before = kept.remove(uri) ?: return
        kept[uri] = Kept(before.version + 1, CLOSED)
        server.closeDocument(uri)
    }

    private companion object {
        /** No file has this text. */
        const val CLOSED = "\u0000closed"
    }
}
