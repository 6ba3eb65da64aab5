using System.Collections.Frozen;

namespace Belljar.Mime.Encodings;

/// <summary>Names that .NET does not know, or for which people mean a wider charset (as browsers do).</summary>
internal static class CharsetNames
{
    /// <summary>Lower-case name to code page; 0 where a name says nothing.</summary>
    public static readonly FrozenDictionary<string, int> CodePages = List().ToFrozenDictionary(item => item.Name, item => item.CodePage);

    private static IEnumerable<(string Name, int CodePage)> List()
    {
        (int CodePage, string Names)[] table =
        [
            (0, "x-unknown unknown-8bit unknown binary 8bit"),
            (65001, "utf-8 utf8 utf_8 unicode-1-1-utf-8"),
            (65000, "utf-7 utf7 unicode-1-1-utf-7"),
            (1200, "utf-16 utf16 utf-16le ucs-2"),
            (1201, "utf-16be"),
            (12000, "utf-32 utf-32le"),
            (12001, "utf-32be"),
            (20127, "us-ascii ascii ansi_x3.4-1968 iso646-us 646"),
            (1252, "iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 l1 x-ansi"),
            (1254, "iso-8859-9 iso8859-9 latin5"),
            (874, "iso-8859-11 iso8859-11 tis-620 tis620"),
            (28596, "iso-8859-6-i iso-8859-6-e"),
            (28598, "iso-8859-8-e"),
            (38598, "iso-8859-8-i"),
            (54936, "gb18030 gb2312 gbk gb_2312-80 x-gbk cp936 ms936 euc-cn"),
            (949, "ks_c_5601-1987 ksc_5601 ksc5601 euc-kr euckr uhc"),
            (50225, "iso-2022-kr"),
            (950, "big5-hkscs big5hkscs x-big5 big-5"),
            (932, "shift-jis x-sjis sjis ms_kanji windows-31j cp932"),
            (51932, "eucjp x-euc-jp"),
            (50220, "iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-3 iso2022jp"),
            (52936, "hz"),
            (10000, "x-mac-roman mac"),
            (10007, "x-mac-cyrillic"),
            (20866, "koi8r"),
            (21866, "koi8u koi8-ru"),
        ];
        return table.SelectMany(row => row.Names.Split(' '), (row, name) => (name, row.CodePage));
    }
}
