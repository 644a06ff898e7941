using System.Text;
using System.Xml;

namespace RpcGen.Generators.Text;

/// <summary>Writes text into XML documentation comments.</summary>
internal static class XmlText
{
    /// <summary>
    /// The text in a <c>&lt;c&gt;</c> element. Spaces replace characters that XML forbids and those that would end the comment's line.
    /// </summary>
    public static string Of(string text)
    {
        var xml = new StringBuilder("<c>", text.Length + 7);
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogatePair(text, i))
            {
                xml.Append(text, i++, 2);
                continue;
            }

            _ = text[i] switch
            {
                '&' => xml.Append("&amp;"),
                '<' => xml.Append("&lt;"),
                '>' => xml.Append("&gt;"),
                '\u2028' or '\u2029' => xml.Append(' '),
                var c when char.IsControl(c) || !XmlConvert.IsXmlChar(c) => xml.Append(' '),
                var c => xml.Append(c),
            };
        }

        return xml.Append("</c>").ToString();
    }
}
