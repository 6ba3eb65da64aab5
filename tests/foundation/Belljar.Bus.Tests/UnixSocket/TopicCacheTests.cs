using System.Text;
using Belljar.Bus.UnixSocket;

namespace Belljar.Bus.Tests.UnixSocket;

public class TopicCacheTests
{
    private readonly TopicCache _cache = new();

    [Fact]
    public void Find_ManyTopics_GivesEachItself()
    {
        for (var i = 0; i < 10_000; i++)
        {
            var topic = $"decoy.d{i % 3000}.state";
            Assert.Equal(topic, _cache.Find(Encoding.ASCII.GetBytes(topic)));
        }
    }

    [Fact]
    public void Find_Again_IsTheSameString() => Assert.Same(_cache.Find("a.b"u8), _cache.Find("a.b"u8));

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("a.*")]
    [InlineData("a b")]
    public void Find_NoTopic_IsNull(string topic) => Assert.Null(_cache.Find(Encoding.ASCII.GetBytes(topic)));
}
