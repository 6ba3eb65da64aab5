namespace Belljar.Contracts.Tests;

public class RegistryTests
{
    private static readonly Registry<Fruit> Fruits = new("fruit", new Fruit("apple"), new Fruit("cherry"));

    [Fact]
    public void New_WithADuplicate_IsRefused()
    {
        var refusal = Assert.Throws<ArgumentException>(() => new Registry<Fruit>("fruit", new Fruit("fig"), new Fruit("fig")));

        Assert.Contains("'fig' is listed twice", refusal.Message);
    }

    [Fact]
    public void Index_WithAnUnknownName_ListsTheKnownAndTheNearest()
    {
        var error = Assert.Throws<UnknownNameException>(() => Fruits["chery"]);

        Assert.Equal("There is no fruit 'chery'. Did you mean 'cherry'? Known: apple, cherry.", error.Message);
    }

    [Fact]
    public void Index_WithAFarName_SuggestsNothing()
    {
        Assert.DoesNotContain("Did you mean", Assert.Throws<UnknownNameException>(() => Fruits["zzzzzzzz"]).Message);
    }

    private sealed record Fruit(string Name) : INamed;
}
