/** The shapes of the language server protocol that this client reads. */
package dev.drawbridge.protocol

import com.google.gson.JsonElement
import com.google.gson.JsonNull

/** A quick fix of one document; [version] is that of the text its edits are made for, null when it is not open. */
public data class QuickFix(val title: String, val safe: Boolean, val uri: String, val version: Int?, val edits: List<TextEdit>) {
    internal companion object {
        /** Fixes of several documents are not offered by the server; one would be left out here. */
        fun listOf(json: JsonElement?): List<QuickFix> {
            if (json == null || json is JsonNull) return emptyList()
            return json.asList("the actions").mapNotNull { one ->
                val action = one.asShape("an action")
                val changes = action.required("edit").asShape("an edit").required("documentChanges").asList("changes")
                val change = changes.singleOrNull()?.asShape("a change") ?: return@mapNotNull null
                val document = change.required("textDocument").asShape("a document")
                QuickFix(
                    action.text("title"),
                    action.optional("isPreferred") != null && action.flag("isPreferred"),
                    document.text("uri"),
                    document.intOrNull("version"),
                    change.required("edits").asList("edits").map(TextEdit::of),
                )
            }
        }
    }
}

/** What `initialize` answered: who the server is, and which protocol its `drawbridge/` methods speak. */
public data class Handshake(val name: String, val version: String, val protocol: Int) {
    public companion object {
        /** The protocol this client was written for. */
        public const val PROTOCOL: Int = 1

        private const val NAME = "drawbridge"

        /** Zero stands for a server that names no protocol. */
        internal fun of(json: JsonElement?): Handshake {
            val result = json.asShape("the server's introduction")
            val info = result.required("serverInfo").asShape("the server's name")
            val capabilities = result.optional("capabilities")?.asShape("the capabilities")
            val own = capabilities?.optional("experimental")?.asShape("the additions")?.optional(NAME)?.asShape("the additions")
            return Handshake(info.text("name"), info.textOrNull("version") ?: "", own?.intOrNull("protocol") ?: 0)
        }
    }

    /** Whether this client understands the server. */
    public val fits: Boolean get() = name == NAME && protocol == PROTOCOL
}
