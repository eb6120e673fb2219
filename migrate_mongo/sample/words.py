"""The words that names, titles and essays are put together from."""

# ruff: noqa: RUF001 (letters of other scripts are what they are for)

# Given and family names that belong together; scripts and accents as people write them.
NAMES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("Martha", "Owen", "Priscilla", "Desmond"), ("Whitlock", "O'Dwyer", "Farrow-Lane", "Teague")),
    (("Zoé", "Théo", "Anaïs", "Loïc"), ("Lefèvre", "Garçon", "D'Aubigné", "Benoît")),
    (("Jörg", "Käthe", "Günter", "Anneliese"), ("Müßig", "Großmann", "Köhler", "von der Aue")),
    (("Íñigo", "Begoña", "Ximena", "Raúl"), ("Ibáñez Peña", "Núñez", "Zúñiga", "del Río")),
    (("Łucja", "Grzegorz", "Świętosława", "Michał"), ("Wójcik", "Dąbrowska", "Źródlany", "Kołodziej")),
    (("Ayşe", "Çağrı", "İpek", "Oğuz"), ("Yıldız", "Şahin", "Gündoğdu", "Öztürk")),
    (("Nguyễn Thị", "Đức", "Phương", "Quốc"), ("Trần", "Lê Hữu", "Đặng", "Vũ")),
    (("Søren", "Åse", "Bjørk", "Þóra"), ("Ødegård", "Ærøe", "Jónsdóttir", "Lindström")),
    (("Ольга", "Тарас", "Юлія", "Борис"), ("Коваленко", "Щербак", "Їжакевич", "Петрова")),
    (("Δήμητρα", "Νίκος", "Ελένη", "Σπύρος"), ("Παπαδάκη", "Γεωργίου", "Ξένος", "Ψαρράς")),
    (("ليلى", "يوسف", "هدى", "عمر"), ("الخطيب", "بن سالم", "حدّاد", "المصري")),
    (("נועה", "איתן", "תמר", "יונתן"), ("לוי", "בר־אור", "כהן", "שפירא")),
    (("अनन्या", "राहुल", "मीरा", "देवेश"), ("शर्मा", "त्रिपाठी", "वर्मा", "जोशी")),
    (("明", "秀英", "子涵", "建国"), ("王", "李", "欧阳", "张")),
    (("さくら", "健太", "由紀", "翔"), ("渡邊", "髙橋", "佐藤", "小野寺")),
    (("민준", "서연", "지우", "하은"), ("김", "박", "남궁", "이")),
    (("Adébáyọ̀", "Ngozi", "Wanjikũ", "Thabo"), ("Ọlátúnjí", "Okonkwo", "Kamau", "Mbeki-Dlamini")),
    (("ʻAlohilani", "Māia", "Tāne", "Kaʻiulani"), ("Kealoha", "Te Āwhina", "Kahananui", "Rāwiri")),
)

SUBJECTS = (
    "History",
    "Biology",
    "English",
    "Geography",
    "Philosophy",
    "Civics",
    "Physics",
    "Creative Writing",
)
TAGS = (
    "essay",
    "argument",
    "poetry",
    "lab report",
    "source work",
    "peer review",
    "résumé",
    "first draft",
    "año 2",
)
RESOURCES = ("Library catalogue", "Newspaper archive", "Course reader", "Interviews", "Own field notes")
SECTIONS = ("Introduction", "Background", "Counterargument", "Method", "Conclusion", "Works Cited")
STAGES = ("Brainstorm", "Outline", "First draft", "Peer review", "Revision", "Final copy")
CRITERIA = ("Thesis", "Evidence", "Organisation", "Voice", "Conventions", "Citations")

NOUNS = (
    "river", "lighthouse", "harvest", "orchard", "archive", "bridge", "harbour", "meadow", "kitchen",
    "observatory",
    "market", "village", "telescope", "garden", "railway", "letter", "island", "school", "winter",
    "museum",
    "treaty", "coastline", "workshop", "glacier", "neighbour", "melody", "theatre", "courtyard", "vaccine",
    "compass",
    "translation", "migration", "argument", "experiment", "memory", "city", "forest", "newspaper", "painter",
    "reservoir",
)  # fmt: skip
ADJECTIVES = (
    "quiet", "unfinished", "generous", "brittle", "ancient", "crowded", "careful", "stubborn", "luminous",
    "ordinary", "borrowed", "northern", "fragile", "patient", "forgotten", "noisy", "deliberate", "shared",
    "half-built", "honest",
)  # fmt: skip
VERBS = (
    "reshaped", "outlived", "questioned", "protected", "divided", "explained", "welcomed", "disturbed",
    "supported", "replaced", "remembered", "complicated", "revealed", "measured", "carried", "challenged",
)  # fmt: skip
SENTENCES = (
    "The {adjective} {noun} {verb} what people had long believed about the {other}.",
    "Nobody who lived near the {noun} would have called it {adjective}, but it {verb} each {other} nearby.",
    "In the second source, one {adjective} {noun} {verb} the {other} for almost thirty years.",
    "I used to think that no {noun} could ever be {adjective}; the {other} changed my mind.",
    "If we compare the {noun} with the {other}, the {adjective} one clearly {verb} more lives.",
    "Why was the {adjective} {noun} kept, while the {other} was given away?",
    "My grandmother said that the {noun} {verb} her more than any {adjective} {other} ever did.",
    "This evidence suggests that the {noun} was {adjective} long before the {other} {verb} it.",
    "According to the {other}, every {noun} remains {adjective} only as long as somebody looks after it.",
    "However, the {adjective} {noun} also {verb} the {other}, and that is easily overlooked.",
)
OTHER_LANGUAGES = (
    "Am Ende des Sommers führte der alte Weg über die Brücke, größer als wir ihn in Erinnerung hatten.",
    "Où que l’on aille, la mer garde sa propre mémoire ; l’île, elle, l’a déjà oubliée.",
    "El niño preguntó: ¿por qué el río no vuelve? Su abuela sonrió y señaló la montaña.",
    "Zażółcony liść spadł na próg, a źródło pod lasem wciąż mówiło swoją cichą baśń.",
    "Güneş doğarken ıssız çarşıda ilk ışığı yaşlı saatçi yaktı.",
    "Buổi sáng ấy, cả làng nghe tiếng chuông và biết rằng mùa gặt đã bắt đầu.",
    "Старий міст пам’ятає кожного, хто переходив його вночі з листом у кишені.",
    "Το φως του φάρου έφτανε ως το χωριό, κι εμείς μετρούσαμε τις σκιές.",
    "كان النهر يحمل رسائل القرية إلى البحر، وكانت الجدة تقرأها بصوت عالٍ.",
    "בחורף ההוא שמרה הספרייה על שתיקתה, ורק השעון דיבר.",
    "नदी के किनारे बैठकर उसने पहली बार अपना निबंध पूरा पढ़ा।",
    "河边的灯塔很久没有亮过，孩子们却每天晚上都在等它。",
    "夜の図書館で、彼女は三年前の手紙をもう一度読み返した。",
    "할머니는 강이 마을의 이야기를 모두 기억한다고 말씀하셨다.",
    "Mto huu umebeba hadithi za kijiji chetu tangu zamani za mababu.",
)
EMOJI = ("😀", "👩🏽‍🏫", "🌍", "✍️", "🇰🇪", "❤️‍🔥", "🧪", "🎉")
