namespace Belljar.Mime.Tests.Corpus;

/// <summary>Header fields that we read otherwise than the corpus's own parser: what we read, and the reason.</summary>
internal static class DeliberateDifferences
{
    public static readonly Dictionary<string, (string? Value, string Reason)> Values = new()
    {
        ["Pete(A nice \n \\\n ) chap) <pete(his\n account)@silly\n .test(his host)>\n"] =
            ("Pete chap) (A nice his account his host) <pete@silly.test>", "a backslash before a fold quotes the white space of the fold, not what follows it (RFC 5322, 2.2.3)"),
        ["A Group(Some people)\n        :Chris Jones <c@(Chris's host.)public.example>,\n            joe@example.org,\n     John <jdoe@one.test> (my dear friend); (the end of the group)\n"] =
            ("[A Group]\nChris Jones (Chris's host.) <c@public.example>\n <joe@example.org>\nJohn (my dear friend) <jdoe@one.test>", "a comment beside a group or alone is no name and no mailbox"),
        ["(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;\n"] =
            ("[Hidden recipients]", "a comment beside a group or alone is no name and no mailbox"),
        ["Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example\n"] =
            ("Mary Smith <mary@example.net>\n <jdoe@test.example>", "a source route is dropped, and white space around dots is none of the address (RFC 5322, 4.4)"),
        ["John Doe <jdoe@machine(comment).  example>\n"] =
            ("John Doe (comment) <jdoe@machine.example>", "white space around dots is none of the address (RFC 5322, 4.4)"),
        ["\"=?utf-8?b?VGjDrXMgw61zIHbDoWzDrWQgw5pURjg=?=\": addr1@test.com, addr2@test.com; =?utf-8?b?VGjDrXMgw61zIHbDoWzDrWQgw5pURjg=?=: addr3@test.com, addr4@test.com; addr5@test.com, addr6@test.com\n"] =
            ("[Thís ís válíd ÚTF8]\n <addr1@test.com>\n <addr2@test.com>\n <addr3@test.com>\n <addr4@test.com>\n[]\n <addr5@test.com>\n <addr6@test.com>", "two groups of one name that touch are one here"),
        ["application/pdf\n   filename*0*=iso-8859-1'es'%D1and%FA\n   filename*1*=iso-8859-1'%20r%E1pido\n   filename*2*=\"iso-8859-1' (versi%F3n \\'99 \\\"oficial\\\").pdf\"\n"] =
            ("application/pdf; filename=\"Ñandúiso-8859-1' rápidoiso-8859-1' (versión '99 \\\"oficial\\\").pdf\"; filename-language=\"es\"", "only the first section has a charset (RFC 2231, 4.1)"),
        ["image/jpeg;\n   name=\"=?iso-8859-1?B?4Q==?= =?utf-8?B?w6k=?= =?iso-8859-1?q?=ED?=.jpeg\"\n"] =
            ("image/jpeg; name=\"áéí.jpeg\"", "white space between encoded words is not shown, in quotes or not (RFC 2047, 6.2)"),
        ["malicious/attempt; 1*2*=a; 3**=b; 4***=c; *5**6*=d;*****7*8*=e; 9*10*11*12*13*14=f; 15*x***fff*===g;1 * 999999999999999999 *= h; 18 *=*=*=*=*==i;\n"] =
            ("malicious/attempt; *****7*8=\"e\"; *5**6=\"d\"; 1=\"a\"; 1 * 999999999999999999=\"h\"; 15*x***fff=\"==g\"; 18=\"*=*=*=*==i\"; 3*=\"b\"; 4**=\"c\"; 9*10*11*12*13*14=\"f\"", "no names that RFC 2231 has; kept as they are"),
        ["20 11 (some \n 44 comments(more comments\n )) 79 05:34:27 -0300"] =
            (null, "a month by number could be a day"),
        [" 4 8 15 16 23 42, 4 8 15 16 23 42, 4 8 15 16 23 42, "] =
            (null, "a month by number could be a day"),
        ["[SUSPECTED SPAM]=?utf-8?B?VGhpcyBpcyB0aGUgb3JpZ2luYWwgc3ViamVjdA==?=\n"] =
            ("[SUSPECTED SPAM]This is the original subject", "an encoded word that touches its neighbour is shown as touching it"),
        ["Some text =?utf-8?Q??=here\n"] =
            ("Some text here", "an encoded word that touches its neighbour is shown as touching it"),
        ["[SUSPECTED SPAM]=?utf-8?B?VGhpcyBpcyB0aGUgb\n 3JpZ2luYWwgc3ViamVjdA==?=\n"] =
            ("[SUSPECTED SPAM]This is the original subject", "an encoded word that touches its neighbour is shown as touching it"),
        ["[SUSPECTED SPAM]=?utf-8?B?VGhpcyBpcyB0aGUgb\r\n 3JpZ2luYWwgc3ViamVjdA==?=\r\n"] =
            ("[SUSPECTED SPAM]This is the original subject", "an encoded word that touches its neighbour is shown as touching it"),
        ["<1234   @   local(blah)  .machine .example>\n"] =
            ("1234@local.machine.example", "comments and white space are none of the id (RFC 5322, 4.5.4)"),
    };
}
