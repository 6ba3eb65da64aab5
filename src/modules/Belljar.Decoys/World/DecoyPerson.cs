namespace Belljar.Decoys.World;

/// <param name="Login">Unique among a decoy's people: <c>mlindqvist</c>.</param>
public sealed record DecoyPerson(string First, string Last, string Login)
{
    private static readonly string[] FirstNames =
        ["Marta", "Henrik", "Aisha", "Tomasz", "Ines", "Colin", "Yuki", "Petra", "Dario", "Grace", "Oskar", "Leila", "Ruben", "Sunniva", "Pavel", "Naomi", "Bruno", "Edith", "Farid", "Greta", "Ivo", "Janneke", "Kofi", "Lucia"];

    private static readonly string[] LastNames =
        ["Lindqvist", "Adeyemi", "Baumann", "Castro", "Dvorak", "Eriksen", "Ferrante", "Garner", "Hoekstra", "Ivanova", "Jansen", "Kowalski", "Laurent", "Moreau", "Nakano", "Osei", "Petrov", "Quigley", "Rossi", "Sandoval", "Tanaka", "Ullmann", "Vasquez", "Whitlock"];

    /// <summary>Those who work with this host: the same over all of its services, and after every restart.</summary>
    public static IReadOnlyList<DecoyPerson> Of(DecoyIdentity identity)
    {
        var people = new List<DecoyPerson>();
        var count = identity.Between("people.count", 5, 11);
        for (var i = 0; people.Count < count; i++)
        {
            var (first, last) = (identity.Pick($"people.{i}.first", FirstNames), identity.Pick($"people.{i}.last", LastNames));
            var login = $"{first[0]}{last}".ToLowerInvariant();
            if (people.TrueForAll(other => other.Login != login))
            {
                people.Add(new DecoyPerson(first, last, login));
            }
        }

        return people;
    }
}
